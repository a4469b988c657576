import { operation } from "./TalkDocs.ts"

const all = "The answer is the whole list as it is then."
const longName = "display_name must be at most 255 characters"

const asked = {
  description: `A number that nobody has signed up with gets an invitation by SMS, and the request waits there. Asking somebody who asked first accepts; asking somebody whom one has deleted resumes, unless they have deleted oneself too. ${all}`,
  errors: {
    400: "phone_number must not be your own",
    404: "User not found",
    409: "Friend request already sent"
  }
}

/** What the document says of each operation of contacts. */
export const operations = {
  listFriends: operation({
    id: "listFriends",
    summary: "List contacts of talk",
    description: "Everybody in one's list with what one is to each other, the latest touched first.",
    errors: { 400: "This account has no phone number: sign up with one, and show this token there" }
  }),
  findFriend: operation({
    id: "findFriend",
    summary: "Get one contact of talk",
    description: "A list of one, or an empty one where nobody with that number is in one's own."
  }),
  requestFriend: operation({ id: "requestFriend", summary: "Ask somebody to be friends", ...asked }),
  requestFriendByPost: operation({
    id: "requestFriendByPost",
    summary: "Ask somebody to be friends (by POST)",
    ...asked
  }),
  acceptFriend: operation({
    id: "acceptFriend",
    summary: "Accept a friend request",
    description: all,
    errors: { 404: "Friend request not found" }
  }),
  deleteFriend: operation({
    id: "deleteFriend",
    summary: "Delete a contact, or take a request back",
    description: `Who is deleted sees \`blocked\` and can't write any more; whose request is deleted is not told. A request of one's own goes from both lists. ${all}`,
    errors: { 404: "Friend not found" }
  }),
  renameFriend: operation({
    id: "renameFriend",
    summary: "Change what a contact is called",
    description: `Nobody else sees it. ${all}`,
    errors: { 400: longName, 404: "Contact not found" }
  })
}
