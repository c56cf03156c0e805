"""Types of pages, and the base classes of pages and of their mixins with the types of Django: unfold has none."""

from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.db.models import QuerySet

PageRow: TypeAlias = Any  # a row of the model of the page, which each page names
Context: TypeAlias = dict[str, object]  # of a template
Values: TypeAlias = dict[str, Any]  # cleaned values of a form, by field; services take them as keyword arguments
Rows: TypeAlias = QuerySet[Any]  # of the model of the page

if TYPE_CHECKING:
    from django.contrib import admin
    from django.contrib.admin import options

    Fieldsets: TypeAlias = options._FieldsetSpec
    ModelAdmin: TypeAlias = admin.ModelAdmin[Any]
    TabularInline: TypeAlias = admin.TabularInline[Any, Any]
    InlineModelAdmin: TypeAlias = options.InlineModelAdmin[Any, Any]
    PageMixin: TypeAlias = ModelAdmin  # base of mixins for pages
    OptionsMixin: TypeAlias = options.BaseModelAdmin[Any]  # base of mixins for pages and for inlines
    ModelForm: TypeAlias = forms.ModelForm[Any]
    BaseInlineFormSet: TypeAlias = forms.BaseInlineFormSet[Any, Any, Any]
else:
    from django.contrib.admin.options import InlineModelAdmin
    from django.forms import BaseInlineFormSet, ModelForm
    from unfold.admin import ModelAdmin, TabularInline

    PageMixin = OptionsMixin = object
    Fieldsets = tuple

__all__ = [
    "BaseInlineFormSet",
    "Context",
    "Fieldsets",
    "InlineModelAdmin",
    "ModelAdmin",
    "ModelForm",
    "OptionsMixin",
    "PageMixin",
    "PageRow",
    "Rows",
    "TabularInline",
    "Values",
]
