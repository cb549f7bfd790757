// Buttons that copy a text, where the browser allows it.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const line = button.parentElement;
    line.hidden = false;
    button.addEventListener("click", async () => {
      const status = line.querySelector("[role=status]");
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        status.textContent = "Copied.";
      } catch {
        status.textContent = "The browser does not allow it: select the text and copy it.";
      }
    });
  }
}
