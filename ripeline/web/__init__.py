"""The web process: what the world reaches, over the same sweeps and queries as everything else. It knows no Prefect."""
