using Microsoft.ML.Data;

namespace UnlearnPipeline;

/// <summary>A line of customers.csv: put the columns of your own table here.</summary>
public sealed class Customer
{
    [LoadColumn(0)]
    public float Age { get; set; }

    [LoadColumn(1)]
    public float MonthlyCharge { get; set; }

    [LoadColumn(2)]
    public float SupportCalls { get; set; }

    [LoadColumn(3)]
    public string Contract { get; set; } = "";

    [LoadColumn(4), ColumnName("Label")]
    public bool HasLeft { get; set; }
}
