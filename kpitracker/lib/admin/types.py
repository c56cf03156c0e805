"""Base classes of pages and of their mixins, with the types of Django: unfold has none."""

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from django.contrib import admin
    from django.contrib.admin.options import BaseModelAdmin

    ModelAdmin: TypeAlias = admin.ModelAdmin[Any]
    TabularInline: TypeAlias = admin.TabularInline[Any, Any]
    PageMixin: TypeAlias = ModelAdmin  # base of mixins for pages
    OptionsMixin: TypeAlias = BaseModelAdmin[Any]  # base of mixins for pages and for inlines
else:
    from unfold.admin import ModelAdmin, TabularInline

    PageMixin = OptionsMixin = object

__all__ = ["ModelAdmin", "OptionsMixin", "PageMixin", "TabularInline"]
