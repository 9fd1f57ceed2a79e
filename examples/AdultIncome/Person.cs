namespace Unlearn.Examples.AdultIncome;

/// <summary>A person of the census.</summary>
internal sealed class Person
{
    public string RowId { get; set; } = "";

    public float Age { get; set; }

    public string WorkClass { get; set; } = "";

    public float Weight { get; set; }

    public string Education { get; set; } = "";

    public float EducationYears { get; set; }

    public string MaritalStatus { get; set; } = "";

    public string Occupation { get; set; } = "";

    public string Relationship { get; set; } = "";

    public string Ethnicity { get; set; } = "";

    public string Sex { get; set; } = "";

    public float CapitalGain { get; set; }

    public float CapitalLoss { get; set; }

    public float HoursPerWeek { get; set; }

    public string NativeCountry { get; set; } = "";

    /// <summary>Whether the income is above 50,000 dollars a year.</summary>
    public bool Label { get; set; }
}
