import time
from datetime import UTC, datetime, timedelta

import pytest

from pocketcloud import OfflineCloud
from pocketcloud.virtual_time.clock import START, Clock
from pocketcloud.virtual_time.scheduler import NotSettledError, Scheduler


def test_process_sees_the_virtual_clock() -> None:
    with Clock() as clock:
        assert datetime.now(UTC) == START == clock.now()
        clock.move_to(START + timedelta(days=3))
        assert time.time() == (START + timedelta(days=3)).timestamp()
    assert datetime.now(UTC) != START + timedelta(days=3)


def test_time_never_runs_backwards() -> None:
    clock = Clock()
    clock.move_to(START - timedelta(seconds=1))
    assert clock.now() == START


def test_following_clock_tracks_real_time() -> None:
    with Clock() as clock:
        clock.follow()
        before = clock.due()
        time.sleep(0.01)
        assert clock.due() - before >= timedelta(milliseconds=10)
        assert clock.now() == START


def test_following_clock_runs_faster_when_told() -> None:
    with Clock() as clock:
        clock.follow(speed=1000)
        before = clock.due()
        time.sleep(0.01)
        assert clock.due() - before >= timedelta(seconds=10)


def test_actions_run_in_order_of_time_then_planning() -> None:
    scheduler, ran = Scheduler(Clock()), list[str]()
    scheduler.after(timedelta(seconds=2), lambda: ran.append("late"), label="a")
    scheduler.after(timedelta(seconds=1), lambda: ran.append("first"), label="a")
    scheduler.after(timedelta(seconds=1), lambda: ran.append("second"), label="a")
    scheduler.settle()
    assert ran == ["first", "second", "late"]
    assert scheduler.clock.now() == START + timedelta(seconds=2)


def test_settle_does_not_wait_for_background_work() -> None:
    scheduler, ran = Scheduler(Clock()), list[str]()
    scheduler.after(timedelta(hours=1), lambda: ran.append("schedule"), label="cron", background=True)
    scheduler.settle()
    assert ran == []
    scheduler.run_until(START + timedelta(hours=1))
    assert ran == ["schedule"]


def test_settle_gives_up_and_names_what_is_in_flight() -> None:
    scheduler = Scheduler(Clock(), max_steps=50)

    def again() -> None:
        scheduler.after(timedelta(seconds=1), again, label="a ping that never ends")

    again()
    with pytest.raises(NotSettledError, match="1 x a ping that never ends"):
        scheduler.settle()


def test_advance_moves_the_clock(cloud: OfflineCloud) -> None:
    cloud.advance(hours=2, minutes=3)
    assert cloud.clock.now() == START + timedelta(hours=2, minutes=3)


def test_only_one_cloud_is_open_at_a_time(cloud: OfflineCloud) -> None:
    with pytest.raises(RuntimeError, match="close the offline cloud"):
        OfflineCloud()
    cloud.close()
    assert datetime.now(UTC) > START + timedelta(days=30)
    with OfflineCloud():
        pass
