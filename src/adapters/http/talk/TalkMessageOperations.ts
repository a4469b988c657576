import { operation } from "./TalkDocs.ts"

const notFound = "Contact not found"
const noClip = "Media content not found"
const unavailable = "Clips can't be stored or fetched right now. Try again in a while."

const downloaded = {
  description:
    "For who uploaded it, and for the two sides of a message that carries it. One range of bytes may be asked for. A player that sends no header has the token in the URL.",
  errors: {
    400: "media_content_id must be a positive integer",
    404: noClip,
    416: "There is no byte of that range",
    503: unavailable
  }
}

/** What the document says of each operation of messages and clips. */
export const operations = {
  listMessages: operation({
    id: "listMessages",
    summary: "List messages with a contact",
    description: "The newest first. `before_id` leads to the older ones. Also of a friendship that is over.",
    errors: { 400: "count must be a whole number of at least 1", 404: notFound }
  }),
  sendMessage: operation({
    id: "sendMessage",
    summary: "Send a message to a friend",
    description:
      "A text has a `message`; audio and video have the `media_content_id` of an upload, and perhaps a `message`. The answer is a list of the one message.",
    errors: {
      400: "message must not be blank",
      403: "Only friends can write to each other",
      404: "Recipient not found",
      409: "client_message_id was used for another message"
    },
    requests: {
      text: {
        summary: "A text",
        value: {
          phone_number: "4915112345678",
          message_type: "text",
          message: "Are you there yet?",
          client_message_id: "0b5c7d1e-6a2f-4c3b-9d8e-7f1a2b3c4d5e"
        }
      },
      clip: {
        summary: "A clip",
        value: { phone_number: "4915112345678", message_type: "audio", media_content_id: 7 }
      }
    }
  }),
  readMessage: operation({
    id: "readMessage",
    summary: "Tell that a message was seen",
    description: "Its sender is told. What has been seen stays so.",
    errors: { 400: "message_id must be an integer", 404: "Message not found" }
  }),
  readAllTexts: operation({
    id: "readAllTexts",
    summary: "Tell that all texts of a contact were seen",
    description: "Their sender is told. Audio and video are seen one by one.",
    errors: { 404: notFound }
  }),
  uploadMedia: operation({
    id: "uploadMedia",
    summary: "Upload a clip",
    description: "Audio or video of at most 100 MB. What is not sent within a day is removed.",
    errors: {
      400: "media_type must be audio, video, or a media type of either such as video/mp4",
      413: "The file must be at most 100 MB",
      503: unavailable
    }
  }),
  downloadMedia: operation({ id: "downloadMedia", summary: "Get a clip", ...downloaded }),
  downloadMediaById: operation({ id: "downloadMediaById", summary: "Get a clip (by its path)", ...downloaded })
}
