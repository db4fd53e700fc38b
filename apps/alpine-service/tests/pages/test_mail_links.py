"""Links of mails, opened in the browser."""

from playwright.async_api import expect

from alpine_service.testing.pages.reading import Look, Readers

TOKEN = "A" * 43


async def test_a_link_opened_where_its_page_is_already_fills_the_form(readers: Readers) -> None:
    reader = await readers.open(Look())
    page = await reader.go("/verify")
    # Only what is behind the # changes, and so the browser loads nothing.
    await page.evaluate("token => { location.hash = token }", TOKEN)
    await expect(page.locator("input[name=token]")).to_have_value(TOKEN)
    await expect(page.get_by_role("button", name="Confirm address")).to_be_focused()
    assert page.url == f"{reader.url}/verify"
