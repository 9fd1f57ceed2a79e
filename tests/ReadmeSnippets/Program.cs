using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

// Runs every snippet of the README. eng/third-party.sh makes a method Snippets.Snippet1, Snippet2, … of each.
var random = new Random(1);
var data = new MLContext(1).Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(row => new Row
{
    RowId = row,
    Label = row % 2 == 0,
    Features = [.. Enumerable.Range(0, 4).Select(i => random.NextSingle() + (row % 2 == 0 && i < 2 ? 0.5f : 0))],
}).ToList());
var snippets = typeof(Snippets).GetMethods(BindingFlags.Static | BindingFlags.NonPublic).Where(method => method.ReturnType == typeof(Task)).ToList();
foreach (var snippet in snippets)
{
    await (Task)snippet.Invoke(null, [data])!;
    Console.WriteLine($"{snippet.Name} of the README ran.");
}
return snippets.Count.ToString() == args[0] ? 0 : throw new InvalidOperationException($"{args[0]} snippets were expected, {snippets.Count} found.");

internal static partial class Snippets;

internal sealed class Row
{
    public int RowId { get; set; }

    [VectorType(4)]
    public float[] Features { get; set; } = [];

    public bool Label { get; set; }
}
