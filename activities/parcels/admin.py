"""Hooks parcels into the pages of members. Loaded by activities/admin.py."""

from activities.parcels.sending import send_parcel_action
from activities.parcels.views import parcel_section
from members import card
from members.admin import MemberAdmin

MemberAdmin.actions = [*(MemberAdmin.actions or []), send_parcel_action]
card.sections.append(parcel_section)
