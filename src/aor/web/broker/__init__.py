"""A broker's pages, also for support staff who act for one."""
