/* global SwaggerUIBundle */

// The sign-in stays over a reload, so it lies in the browser's storage. The token has to; the password need not.
const withoutPassword = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        authorizeOauth2: (authorize) => (payload) => {
          const { password: _password, clientSecret: _clientSecret, ...auth } = payload.auth
          return authorize({ ...payload, auth })
        }
      }
    }
  }
})

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: true,
  plugins: [withoutPassword],
  tryItOutEnabled: true,
  validatorUrl: null
})
