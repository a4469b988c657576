/* global Redoc */

Redoc.init(
  "/openapi.json",
  {
    expandResponses: "200,201",
    sortRequiredPropsFirst: true,
    theme: {
      colors: { primary: { main: "#4b3f72" } },
      typography: {
        fontFamily: "system-ui, sans-serif",
        headings: { fontFamily: "system-ui, sans-serif" },
        code: { fontFamily: "ui-monospace, monospace" }
      }
    }
  },
  document.getElementById("page")
)
