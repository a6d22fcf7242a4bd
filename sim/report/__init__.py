"""A run, or several beside one another, as one page to send: a file that loads nothing and runs no script."""

from sim.report.page import FILE as FILE, report as report, write_report as write_report
