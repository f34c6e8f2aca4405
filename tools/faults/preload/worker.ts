/** Loaded into each worker in front of its program. */
import { breakDatabase } from './break-database.ts'
import { breakDisk } from './break-disk.ts'

breakDisk('workers')
breakDatabase('workers')
