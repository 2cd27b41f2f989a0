"""Work done behind the pages: the relay of events, jobs and the engines that run them, schedules, the worker."""
