// Shows the page again when its rows are there.
fetch("?format=json", {credentials: "same-origin"}).then((answer) => {
  if (answer.ok) {
    location.reload();
  }
}, () => {});
