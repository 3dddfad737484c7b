"""A Zalo bot over real HTTP against the stand-in: the contract, and how updates come in."""

import pytest
from contract import PROMISES
from zalos import WAYS, Somebody, office


@WAYS
@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_a_zalo_bot_keeps_the_promise_that(promise, webhook):
    async with office(webhook=webhook) as here:
        await promise(here.channel, Somebody(here))


@pytest.mark.parametrize("shape", ["wrapped", "both"])
@pytest.mark.parametrize("promise", PROMISES[:5], ids=lambda promise: promise.__name__)
async def test_whatever_shape_its_posts_have_it_keeps_the_promise_that(promise, shape):
    async with office(webhook=True, shape=shape) as here:
        await promise(here.channel, Somebody(here))
