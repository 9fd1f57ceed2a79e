using System.Globalization;
using System.Text;

namespace Unlearn.Cli.Tests;

/// <summary>Tables for tests.</summary>
internal static class TestTables
{
    /// <summary>Rows of two numbers and a color, with two classes that mostly go with them.</summary>
    public static string People(int rows = 160)
    {
        var random = new Random(1);
        var csv = new StringBuilder("id,height,weight,color,income\n");
        for (var i = 0; i < rows; i++)
        {
            var isHigh = random.NextDouble() < 0.5;
            var (height, weight) = (150 + 40 * random.NextDouble() + (isHigh ? 12 : 0), 50 + 50 * random.NextDouble() - (isHigh ? 10 : 0));
            csv.Append(CultureInfo.InvariantCulture, $"p{i},{height:0.0},{(i % 17 == 0 ? "?" : weight.ToString("0.0", CultureInfo.InvariantCulture))},"
                + $"{(random.NextDouble() < 0.7 == isHigh ? "red" : "blue")},{(isHigh ? "high" : "low")}\n");
        }
        return csv.ToString();
    }
}
