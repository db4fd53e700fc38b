import asyncio
import sys

import aiohttp

PATIENCE_S = 30


async def started(*arguments):
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "argo_adapters.simulator", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_command_serves_a_shipped_tape_and_says_where():
    process = await started("--tape", "half-day", "--speed", "60", "--break", "grok=bad_gateway")
    try:
        async with asyncio.timeout(PATIENCE_S):
            lines = [(await process.stdout.readline()).decode() for _ in range(7)]
        assert lines[0].startswith("simulated vendors, recorded prices: half-day")
        urls = dict(line.split() for line in lines[1:])
        headers = {"Authorization": "Bearer simulator-key"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.get(urls["massive"] + "/v1/marketstatus/now") as response:
                assert (await response.json())["market"] == "open"
            async with session.get(urls["grok"] + "/v1/models") as response:
                assert response.status == 502
    finally:
        process.terminate()
        await process.communicate()


async def refused(*arguments):
    process = await started(*arguments)
    async with asyncio.timeout(PATIENCE_S):
        _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_the_command_refuses_what_it_does_not_know():
    status, said = await refused("--break", "grok=sulking")
    assert (status, said[:36]) == (2, "break: 'sulking' is no fault; use on")
    status, said = await refused("--speed", "0")
    assert (status, said[:5]) == (2, "speed")
    status, said = await refused("--tape", "no-such-file")
    assert (status, said[:4]) == (2, "tape")
