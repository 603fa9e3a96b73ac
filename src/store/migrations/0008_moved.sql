-- A board that was moved elsewhere says so (`moved` in meta) and is written no more: a program that does not know of it must not open this.
SELECT 1;
