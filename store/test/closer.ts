// Closes a thread while it still answers, and says when it is closed: nothing else keeps this process alive.
import { createReadingThread } from '../src/thread.ts'

const [, , path = ''] = process.argv
const reading = createReadingThread(path)
const asked = reading.checkpoint()
await reading.close()
await asked
process.stdout.write('closed\n')
