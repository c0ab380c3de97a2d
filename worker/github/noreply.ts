/**
 * The address that a git host knows somebody by and that reaches nobody.
 * https://docs.github.com/en/account-and-profile/reference/email-addresses-reference
 *
 * @param page a page of the host's.
 */
export const noreplyAddress = (page: string, id: number, login: string): string =>
  `${id}+${login}@users.noreply.${new URL(page).hostname}`;
