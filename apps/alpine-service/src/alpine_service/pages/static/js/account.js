// Pages of the account work without this. It spares people some typing.

// A link in a mail carries its token behind the #: into the form with it, and out of the address
// bar, so that it is in no history and on no screen that others see. Where the page is open already,
// following the link loads nothing and only changes what is behind the #.
function takeToken() {
  const field = document.querySelector("input[data-token]");
  const token = location.hash.slice(1);
  if (!field || !/^[\w-]{20,80}$/.test(token)) return;
  field.value = token;
  history.replaceState(null, "", location.pathname + location.search);
  field.closest(".field").hidden = true;
  document.querySelector("[data-without-token]")?.remove();
  const form = field.form;
  const details = form.closest("details");
  if (details) {
    details.open = true;
    details.querySelector("summary").hidden = true;
  }
  (form.querySelector("input[type=password]") ?? form.querySelector("button")).focus();
}
takeToken();
addEventListener("hashchange", takeToken);

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  const shown = document.getElementById(button.dataset.copy);
  const items = [...shown.querySelectorAll("li")];
  const words = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = items.length ? items.map((each) => each.textContent).join("\n") : shown.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not copied";
    }
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}

// Whoever has not said anything most likely means the zone where they are.
const zone = document.querySelector("input[data-zone]");
if (zone && zone.value === "UTC" && !document.querySelector("input[name=is_on]").checked) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
