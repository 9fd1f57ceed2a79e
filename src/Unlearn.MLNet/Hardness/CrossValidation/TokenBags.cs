using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>
/// Rows of tokens as bags: each token's coordinate is the root of its share of the row, as in the factor <c>DeletedResidual</c>. Bags have length 1,
/// and their product is the Bhattacharyya coefficient of the rows' tokens: 1 for the same tokens in any order, 0 for none in common.
/// </summary>
/// <remarks>
/// No pair is missed: tokens are ordered from rare to frequent, and a row's prefix is the least number of them without which its length is below the threshold.
/// Rows that share no token of their prefixes are less similar than the threshold (Bayardo, Ma and Srikant 2007), so only rows that do are compared.
/// Rows are kept as their tokens' places in that order, sorted, in as much room as the rows themselves.
/// </remarks>
internal sealed class TokenBags : IDisposable
{
    // Token 0 fills rows up and does not count.
    private const int Padding = 0;

    // Stands after the last place of a row; places are float32, as all that files hold.
    private const float End = float.PositiveInfinity;

    // Rounding of products: equal rows may come out this much below 1.
    private const double Tolerance = 1e-9;

    private readonly IFeatureSource _bags;

    /// <param name="rows">Rows of tokens.</param>
    /// <param name="folder">Where the bags are kept; <see langword="null"/> for memory.</param>
    /// <exception cref="ArgumentException">A token is no whole number from 0.</exception>
    public TokenBags(IRowValues rows, string? folder)
    {
        var places = Places(rows);
        _bags = IFeatureSource.Create(folder, rows.Width);
        foreach (var (_, count, values) in rows.Blocks())
            for (var row = 0; row < count; row++)
            {
                var bag = Array.ConvertAll(
                    values.AsSpan(row * rows.Width, rows.Width).ToArray(), token => (int)token == Padding ? End : places[(int)token]);
                Array.Sort(bag);
                _bags.Add(bag);
            }
    }

    public void Dispose() => _bags.Dispose();

    /// <summary>
    /// The group of each row: rows at least as similar as the threshold, or connected through others, share one, and so do rows of padding alone.
    /// </summary>
    public int[] Groups(double threshold, CancellationToken cancellationToken)
    {
        threshold -= Tolerance;
        var prefixes = Prefixes(threshold);
        var rowsOf = prefixes.SelectMany((prefix, row) => prefix.Select(token => (token, row))).ToLookup(entry => entry.token, entry => entry.row);
        var groups = new DisjointSets(prefixes.Length);
        int[] empty = [.. Enumerable.Range(0, prefixes.Length).Where(row => prefixes[row].Length == 0)];
        foreach (var row in empty)
            groups.Join(empty[0], row);
        Parallel.For(0, prefixes.Length, new ParallelOptions { CancellationToken = cancellationToken }, row =>
        {
            var (own, others) = (new float[_bags.Width], new float[_bags.Width]);
            _bags.Read(row, own);
            foreach (var other in prefixes[row].SelectMany(token => rowsOf[token].TakeWhile(other => other < row)).Distinct())
            {
                if (groups.Joined(row, other))
                    continue;
                _bags.Read(other, others);
                if (Product(own, others) >= threshold)
                    groups.Join(row, other);
            }
        });
        return groups.Numbers();
    }

    // Of each token its place in the order from rare to frequent.
    private static Dictionary<int, int> Places(IRowValues rows)
    {
        Dictionary<int, int> rowsWith = [];
        foreach (var (start, count, values) in rows.Blocks())
            for (var row = 0; row < count; row++)
            {
                var tokens = values.AsSpan(row * rows.Width, rows.Width).ToArray();
                if (Array.FindIndex(tokens, token => !(token >= 0 && token <= int.MaxValue && token == MathF.Floor(token))) is >= 0 and var bad)
                    throw new ArgumentException($"Row {start + row}, column {bad} is {tokens[bad]}: tokens must be whole numbers from 0.", nameof(rows));
                foreach (var token in tokens.Select(token => (int)token).Where(token => token != Padding).Distinct())
                    rowsWith[token] = rowsWith.GetValueOrDefault(token) + 1;
            }
        return rowsWith.OrderBy(token => token.Value).ThenBy(token => token.Key).Select((token, place) => (token.Key, place)).ToDictionary();
    }

    private int[][] Prefixes(double threshold)
    {
        var prefixes = new int[_bags.Count][];
        foreach (var (start, count, values) in _bags.Blocks())
            for (var row = 0; row < count; row++)
                prefixes[start + row] = Prefix(values.AsSpan(row * _bags.Width, _bags.Width), threshold);
        return prefixes;
    }

    private static int[] Prefix(ReadOnlySpan<float> bag, double threshold)
    {
        List<int> prefix = [];
        var rest = 1.0;
        double total = Total(bag);
        for (var at = 0; at < total && rest >= threshold * threshold;)
        {
            var count = Run(bag, at);
            var weight = Math.Sqrt(count / total);
            rest -= weight * weight;
            prefix.Add((int)bag[at]);
            at += count;
        }
        return [.. prefix];
    }

    private static double Product(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        double ofFirst = Total(first), ofSecond = Total(second), sum = 0;
        for (int i = 0, j = 0; i < ofFirst && j < ofSecond;)
        {
            var (a, b) = (first[i], second[j]);
            if (a == b)
                sum += Math.Sqrt(Run(first, i) / ofFirst) * Math.Sqrt(Run(second, j) / ofSecond);
            i += a <= b ? Run(first, i) : 0;
            j += b <= a ? Run(second, j) : 0;
        }
        return sum;
    }

    private static int Total(ReadOnlySpan<float> bag) => bag.IndexOf(End) is >= 0 and var end ? end : bag.Length;

    // How often the token at a place of the row is there.
    private static int Run(ReadOnlySpan<float> bag, int start)
    {
        var end = start + 1;
        while (end < bag.Length && bag[end] == bag[start])
            end++;
        return end - start;
    }
}
