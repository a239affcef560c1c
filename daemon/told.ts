/** What was told already, so that nothing is told again at every block. */
export type Told = {
  /** Whether a subject's cause is another one than was told last; it counts as told from now on. */
  isNews(subject: string, cause: string): boolean
  /** Lets the subject's next cause be news, whatever it is. */
  forget(subject: string): void
}

export function openTold(): Told {
  const causes = new Map<string, string>()
  return {
    isNews: (subject, cause) => {
      if (causes.get(subject) === cause) return false
      causes.set(subject, cause)
      return true
    },
    forget: (subject) => void causes.delete(subject),
  }
}
