/** Remembers what was logged, so that the same warning isn't logged at every block. */
export type Told = {
  /** Whether a subject's cause differs from the one told last. From now on it counts as told. */
  isNews(subject: string, cause: string): boolean
  /** Whether this was the cause told last. */
  isKnown(subject: string, cause: string): boolean
  /** Makes the subject's next cause news, whatever it is. */
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
    isKnown: (subject, cause) => causes.get(subject) === cause,
    forget: (subject) => void causes.delete(subject),
  }
}
