"""Work in and out: other trackers' files to items, items to files, and the archive that loses nothing.

`readers` turn a foreign file into `ForeignItem` records; `load` stores them through the service, so that an
import obeys the same rules as any write; `writers` turn items into text; `archive` is the lossless JSON
Lines form.
"""
