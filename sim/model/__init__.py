"""The Mesa model: the timetable of a month, what no agent decides, what is published and recorded."""
