"""What pages look up that no other part needs, one module a page. Reading only; every query has a bound."""
