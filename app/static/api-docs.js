// Shows the API's description; no request leaves for another host.
const place = document.getElementById("api");
window.SwaggerUIBundle({ url: place.dataset.document, domNode: place, validatorUrl: null, deepLinking: true });
