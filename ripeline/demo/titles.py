"""Job titles of the demonstration, in the holder's own language: the same six ranks everywhere."""

SENIORITIES = ("c_level", "vp", "director", "manager", "specialist", "student")

TITLES: dict[str, tuple[str, str, str, str, str, str]] = {
    "en": ("CEO", "VP Operations", "Director of IT", "Operations Manager", "Process Specialist", "Student"),
    "de": ("Geschäftsführerin", "Bereichsleiter Betrieb", "Direktorin IT", "Teamleiter Prozesse", "Referentin Organisation", "Werkstudent"),
    "nl": ("Algemeen directeur", "Vicepresident operatie", "Directeur IT", "Manager processen", "Procesmedewerker", "Student"),
    "nb": ("Administrerende direktør", "Driftsdirektør", "IT-direktør", "Avdelingsleder", "Prosesskonsulent", "Student"),
    "fr": ("Directrice générale", "Vice-président des opérations", "Directrice informatique", "Responsable des processus", "Chargée de projet", "Étudiant"),
    "es": ("Directora general", "Vicepresidente de operaciones", "Directora de sistemas", "Jefe de procesos", "Analista de procesos", "Estudiante"),
    "pt": ("Diretora-presidente", "Vice-presidente de operações", "Diretora de TI", "Gerente de processos", "Analista de processos", "Estudante"),
    "ja": ("代表取締役", "執行役員", "情報システム部長", "業務改善課長", "業務担当", "学生"),
    "zh": ("首席执行官", "运营副总裁", "信息技术总监", "流程经理", "流程专员", "学生"),
    "ko": ("대표이사", "운영 부사장", "IT 이사", "업무개선 팀장", "프로세스 담당", "학생"),
    "ar": ("الرئيس التنفيذي", "نائب الرئيس للعمليات", "مدير تقنية المعلومات", "مدير العمليات", "أخصائي إجراءات", "طالب"),
    "he": ("מנכ״לית", "סמנכ״ל תפעול", "מנהלת מערכות מידע", "מנהל תהליכים", "רכזת תהליכים", "סטודנט"),
    "el": ("Διευθύνων σύμβουλος", "Αντιπρόεδρος λειτουργιών", "Διευθύντρια πληροφορικής", "Υπεύθυνος διαδικασιών", "Αναλύτρια διαδικασιών", "Φοιτητής"),
    "ru": ("Генеральный директор", "Вице-президент по операциям", "Директор по ИТ", "Менеджер процессов", "Специалист по процессам", "Студент"),
    "hi": ("मुख्य कार्यकारी अधिकारी", "उपाध्यक्ष, संचालन", "निदेशक, सूचना प्रौद्योगिकी", "संचालन प्रबंधक", "प्रक्रिया विशेषज्ञ", "छात्र"),
    "ne": ("प्रमुख कार्यकारी अधिकृत", "उपाध्यक्ष, सञ्चालन", "निर्देशक, सूचना प्रविधि", "सञ्चालन प्रबन्धक", "प्रक्रिया विशेषज्ञ", "विद्यार्थी"),
    "th": ("ประธานเจ้าหน้าที่บริหาร", "รองประธานฝ่ายปฏิบัติการ", "ผู้อำนวยการฝ่ายไอที", "ผู้จัดการฝ่ายปฏิบัติการ", "ผู้เชี่ยวชาญด้านกระบวนการ", "นักศึกษา"),
    "uk": ("Генеральна директорка", "Віцепрезидент з операцій", "Директорка з ІТ", "Менеджер процесів", "Фахівчиня з процесів", "Студент"),
    "fi": ("Toimitusjohtaja", "Operatiivinen johtaja", "IT-johtaja", "Prosessipäällikkö", "Prosessiasiantuntija", "Opiskelija"),
    "tr": ("Genel Müdür", "Operasyon Başkan Yardımcısı", "BT Direktörü", "Süreç Müdürü", "Süreç Uzmanı", "Öğrenci"),
}


def title_of(locale: str, seniority: str) -> str:
    """Return the title for a rank in the language of a CLDR id."""
    return TITLES[locale.split("_")[0]][SENIORITIES.index(seniority)]
