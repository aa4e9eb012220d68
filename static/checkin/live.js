/* The steward's list: loads itself anew every 15 seconds, unless somebody is ticking or typing. */
"use strict";
(function () {
  var isTouched = false;
  document.addEventListener("input", function () { isTouched = true; });
  setInterval(function () {
    if (!isTouched && !document.hidden && navigator.onLine) { location.reload(); }
  }, 15000);
}());
