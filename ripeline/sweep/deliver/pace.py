"""How patient `deliver` is: how much it claims, for how long, how often it tries again, and when it gives up."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Pace(BaseSettings):
    """Settings of delivery, each with the prefix RIPELINE_DELIVER_."""

    model_config = SettingsConfigDict(env_prefix="RIPELINE_DELIVER_", extra="ignore", frozen=True)

    claim: int = Field(default=20, ge=1, description="Messages a worker claims at once")
    lease_seconds: int = Field(default=900, ge=1, description="How long a claim holds; longer than the longest wait for an answer to the final dot")
    retry_minutes: int = Field(default=5, ge=1, description="Wait before the second attempt; doubled for each one after")
    longest_retry_minutes: int = Field(default=240, ge=1, description="Where the doubling ends")
    give_up_hours: int = Field(default=72, ge=0, description="After so long since its first submission a message that is put off is rejected")
    identical_resends: int = Field(default=2, ge=0, description="How often an invite, card or confirmation in doubt is sent again with the same bytes")

    @property
    def lease(self) -> timedelta:
        """Return how long a claim holds."""
        return timedelta(seconds=self.lease_seconds)

    def retry_after(self, attempt: int) -> timedelta:
        """Return how long to wait after the attempt of this number, counted from 1."""
        doubled = self.retry_minutes * 2 ** min(attempt - 1, 20)
        return timedelta(minutes=min(doubled, self.longest_retry_minutes))

    @property
    def give_up(self) -> timedelta:
        """Return how long a message may be put off."""
        return timedelta(hours=self.give_up_hours)
