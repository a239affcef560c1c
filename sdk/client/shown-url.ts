/**
 * An address as it may be shown in logs, errors and answers: without the user and password in it. Where it is no valid
 * address, nothing before its last @ is kept.
 */
export function shownUrl(text: string): string {
  const [, scheme = '', rest = text] = /^([a-z][a-z0-9+.-]*:[/\\]+)(.*)$/is.exec(text) ?? []
  if (!URL.canParse(text) || scheme === '') return scheme + rest.slice(rest.lastIndexOf('@') + 1)
  return scheme + rest.replace(/^[^/\\?#]*@/, '')
}
