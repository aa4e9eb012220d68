/* The screen of a check-in: shows the code of the present span by the server's clock. Codes are fetched three minutes
   ahead, so a short loss of the network is not seen; after that the stale code is hidden and the page says so. */
"use strict";
(function () {
  var image = document.getElementById("code"), lost = document.getElementById("lost"), ended = document.getElementById("ended");
  var early = document.getElementById("early");
  var address = image.getAttribute("data-codes"), codes = {}, span = 15, ahead = 0;

  function clock() { return performance.now() / 1000 + ahead; }

  function show() {
    var now = codes[Math.floor(clock() / span)];
    if (now && image.getAttribute("src") !== now) { image.setAttribute("src", now); }
    image.hidden = !now || !ended.hidden;
    lost.hidden = Boolean(now) || !ended.hidden;
  }

  function fetchCodes() {
    var asked = new XMLHttpRequest();
    asked.open("GET", address);
    asked.timeout = 8000;
    asked.onload = function () {
      var answer, fresh = {};
      if (asked.responseURL.indexOf(address) < 0) { location.reload(); return; }  // logged out
      try { answer = JSON.parse(asked.responseText); } catch (error) { return; }
      answer.codes.forEach(function (pair) { fresh[pair[0]] = pair[1]; });
      codes = fresh;
      span = answer.span;
      ahead = answer.now - performance.now() / 1000;
      ended.hidden = answer.state !== "closed" && answer.state !== "over";
      early.hidden = answer.state !== "early";
      show();
    };
    asked.send();
  }

  fetchCodes();
  setInterval(fetchCodes, 20000);
  setInterval(show, 500);
}());
