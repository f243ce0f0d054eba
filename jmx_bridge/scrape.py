from .bridge import Access, Bridge
