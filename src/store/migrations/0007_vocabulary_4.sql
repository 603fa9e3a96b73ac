-- Events may be written in the fourth vocabulary of the log from here on: a program that does not know it must not open this.
SELECT 1;
