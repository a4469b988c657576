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

// The Authorize dialog shows no more of an error than this text: what is to be done, where the answer says so.
const responseInterceptor = (response) => {
  const detail = response.body?.detail
  if (!response.ok && typeof detail === "string") response.statusText = detail
  return response
}

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: true,
  plugins: [withoutPassword],
  responseInterceptor,
  tryItOutEnabled: true,
  validatorUrl: null
})
