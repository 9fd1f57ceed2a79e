namespace Unlearn.Transforms.Rows;

/// <summary>What somebody may have meant.</summary>
internal static class NearestNames
{
    private const int Most = 5;

    /// <summary>The names, nearest first: at most five.</summary>
    public static string Of(string name, IEnumerable<string> names) => string.Join(", ", names
        .OrderBy(candidate => Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())).ThenBy(candidate => candidate, StringComparer.Ordinal)
        .Take(Most).Select(candidate => $"'{candidate}'"));

    // Levenshtein's distance, in one line of memory.
    private static int Distance(string a, string b)
    {
        int[] line = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = line[0];
            line[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, line[j]) = (line[j], Math.Min(Math.Min(line[j], line[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return line[^1];
    }
}
