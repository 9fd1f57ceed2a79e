namespace Unlearn.Cli.Studies;

/// <summary>Rows of a study that names none.</summary>
internal static class SampleSizes
{
    public static BySize<int> Rows { get; } = new(1000, 3000, 6000);

    public static BySize<int> TestRows { get; } = new(500, 1000, 2000);
}
