/** What one program says. */
export type Track = {
  write(text: string): void
  /** Lets the next track speak. */
  end(): void
}

/**
 * Prints what several programs say at once, one after the other: the oldest one at once, what the others say when it is
 * their turn.
 *
 * @returns what opens a track
 */
export function openSpool(print: (text: string) => void): () => Track {
  const tracks: { held: string; hasEnded: boolean }[] = []
  return () => {
    const own = { held: '', hasEnded: false }
    tracks.push(own)
    return {
      write: (text) => {
        if (tracks[0] === own) print(text)
        else own.held += text
      },
      end: () => {
        own.hasEnded = true
        while (tracks[0]?.hasEnded) {
          tracks.shift()
          if (tracks[0] === undefined) return
          print(tracks[0].held)
          tracks[0].held = ''
        }
      },
    }
  }
}
