"""Run the workbooks of many regions: what rests on what, what is out of date, where a notebook is executed."""
