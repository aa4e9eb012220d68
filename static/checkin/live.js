/* The steward's list: loads itself anew every 15 seconds, unless somebody is ticking or typing. The Enter key presses the
   button beside what was typed. */
"use strict";
(function () {
  var isTouched = false;
  document.addEventListener("input", function () { isTouched = true; });
  document.addEventListener("keydown", function (event) {
    var cell = event.key === "Enter" && event.target.type === "text" && event.target.closest(".live-undo");
    if (cell) { event.preventDefault(); cell.querySelector("button").click(); }
  });
  setInterval(function () {
    if (!isTouched && !document.hidden && navigator.onLine) { location.reload(); }
  }, 15000);
}());
