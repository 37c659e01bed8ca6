"""What tracks achieve: entered, sent, clicked, goal, left, and variants against those held out."""
