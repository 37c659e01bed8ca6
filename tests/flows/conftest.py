"""A Prefect server for the tests of flows: one for all of them, only where it is asked for, gone afterwards."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the API URL of a Prefect server on loopback; flows called in this process run on it, without heartbeats."""
    import prefect.settings as prefect_settings
    from prefect.testing.utilities import prefect_test_harness

    apart = {
        prefect_settings.PREFECT_HOME: tmp_path_factory.mktemp("prefect"),
        prefect_settings.PREFECT_LOCAL_STORAGE_PATH: tmp_path_factory.mktemp("prefect-storage"),
        prefect_settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
    }
    with prefect_settings.temporary_settings(apart), prefect_test_harness(server_startup_timeout=120):
        yield str(prefect_settings.PREFECT_API_URL.value())
