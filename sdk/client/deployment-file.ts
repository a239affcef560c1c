import { readFileSync } from 'node:fs'
import { type Deployment, parseDeployment } from './deployment.ts'

/**
 * Reads `deployments/<network>.json`.
 *
 * @throws Error when the file can't be read, is no JSON or no deployment
 */
export function readDeployment(path: string): Deployment {
  return parseDeployment(parse(path, read(path)), path)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Error(`can't read the deployment ${path}: deploy first, or name another network`, { cause })
  }
}

function parse(path: string, text: string): unknown {
  try {
    // Some editors write a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new Error(
      `${path} is not JSON. Restore it from version control, or move it away and deploy again where it was deployed from.`,
      { cause },
    )
  }
}
