import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact, ArtifactResolver } from '@nomicfoundation/ignition-core'

const FOLDER = join(import.meta.dirname, '../../artifacts')

/** Reads what `npm run compile` wrote, so that a deployment needs no compiler and no Hardhat. */
export function artifactsOnDisk(): ArtifactResolver {
  return {
    loadArtifact: async (name) => {
      const file = join(FOLDER, 'contracts', `${name}.sol`, `${name}.json`)
      const text = await readFile(file, 'utf8').catch(() => {
        throw new Error(`${name} is not compiled: run npm run compile.`)
      })
      return JSON.parse(text) as Artifact
    },
    getBuildInfo: async (name) => {
      const artifact = JSON.parse(
        await readFile(join(FOLDER, 'contracts', `${name}.sol`, `${name}.json`), 'utf8'),
      )
      const file = join(FOLDER, 'build-info', `${(artifact as Artifact).buildInfoId}.json`)
      return JSON.parse(await readFile(file, 'utf8'))
    },
  }
}
