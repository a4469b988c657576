/** As Node names them in status lines; in a table, since what programs know of the API has nothing of Node in it. */
const names: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Payload Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  418: "I'm a Teapot",
  421: "Misdirected Request",
  422: "Unprocessable Entity",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  506: "Variant Also Negotiates",
  507: "Insufficient Storage",
  508: "Loop Detected",
  509: "Bandwidth Limit Exceeded",
  510: "Not Extended",
  511: "Network Authentication Required"
}

/** The name of the status of an error. */
export const statusName = (status: number): string => names[status] ?? "Error"

/** What a status says where nobody has said it better. */
export const statusMessage = (status: number): string => messages[status] ?? statusName(status)

const messages: Record<number, string> = {
  400: "The request could not be read",
  404: "Not found",
  405: "Method not allowed",
  408: "The request took too long to arrive",
  413: "The request body is too large",
  415: "Unsupported content type",
  417: "Only 100-continue can be expected",
  429: "Too many requests",
  431: "The request headers are too large",
  500: "An unexpected error occurred",
  503: "The server is shutting down"
}
