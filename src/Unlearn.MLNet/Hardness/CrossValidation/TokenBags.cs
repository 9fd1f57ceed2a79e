namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>
/// Rows of tokens as bags: each token's coordinate is the root of its share of the row, as in the factor <c>DeletedResidual</c>. Bags have length 1,
/// and their product is the Bhattacharyya coefficient of the rows' tokens: 1 for the same tokens in any order, 0 for none in common.
/// </summary>
/// <remarks>
/// No pair is missed: tokens are ordered from rare to frequent, and a row's prefix is the least number of them without which its length is below the threshold.
/// Rows that share no token of their prefixes are less similar than the threshold (Bayardo, Ma and Srikant 2007), so only rows that do are compared.
/// </remarks>
internal sealed class TokenBags
{
    // Token 0 fills rows up and does not count.
    private const int Padding = 0;

    // Rounding of products: equal rows may come out this much below 1.
    private const double Tolerance = 1e-9;

    private readonly (int Token, double Weight)[][] _bags;

    /// <param name="tokens">Tokens, row after row.</param>
    /// <param name="columns">Tokens of a row, padding included.</param>
    /// <exception cref="ArgumentException">A token is no whole number from 0.</exception>
    public TokenBags(float[] tokens, int columns)
    {
        if (Array.FindIndex(tokens, token => !(token >= 0 && token <= int.MaxValue && token == MathF.Floor(token))) is >= 0 and var bad)
            throw new ArgumentException($"Row {bad / columns}, column {bad % columns} is {tokens[bad]}: tokens must be whole numbers from 0.", nameof(tokens));

        var counts =
            tokens.Chunk(columns).Select(row => row.Select(token => (int)token).Where(token => token != Padding).CountBy(token => token).ToList()).ToList();
        var places = counts.SelectMany(row => row).CountBy(token => token.Key)
            .OrderBy(token => token.Value).ThenBy(token => token.Key).Select((token, place) => (token.Key, place)).ToDictionary();
        _bags = [.. counts.Select(row =>
        {
            double total = row.Sum(token => token.Value);
            return row.Select(token => (Token: places[token.Key], Weight: Math.Sqrt(token.Value / total))).OrderBy(token => token.Token).ToArray();
        })];
    }

    /// <summary>
    /// The group of each row: rows at least as similar as the threshold, or connected through others, share one, and so do rows of padding alone.
    /// </summary>
    public int[] Groups(double threshold, CancellationToken cancellationToken)
    {
        threshold -= Tolerance;
        var prefixes = Array.ConvertAll(_bags, bag => Prefix(bag, threshold));
        var rowsOf = prefixes.SelectMany((prefix, row) => prefix.Select(token => (token, row))).ToLookup(entry => entry.token, entry => entry.row);
        var groups = new DisjointSets(_bags.Length);
        int[] empty = [.. Enumerable.Range(0, _bags.Length).Where(row => _bags[row].Length == 0)];
        foreach (var row in empty)
            groups.Join(empty[0], row);
        Parallel.For(0, _bags.Length, new ParallelOptions { CancellationToken = cancellationToken }, row =>
        {
            foreach (var other in prefixes[row].SelectMany(token => rowsOf[token].TakeWhile(other => other < row)).Distinct())
                if (!groups.Joined(row, other) && Product(_bags[row], _bags[other]) >= threshold)
                    groups.Join(row, other);
        });
        return groups.Numbers();
    }

    private static int[] Prefix((int Token, double Weight)[] bag, double threshold)
    {
        var rest = 1.0;
        var length = 0;
        while (length < bag.Length && rest >= threshold * threshold)
            rest -= bag[length].Weight * bag[length++].Weight;
        return [.. bag.Take(length).Select(token => token.Token)];
    }

    private static double Product((int Token, double Weight)[] first, (int Token, double Weight)[] second)
    {
        var sum = 0.0;
        for (int i = 0, j = 0; i < first.Length && j < second.Length;)
        {
            var (a, b) = (first[i], second[j]);
            sum += a.Token == b.Token ? a.Weight * b.Weight : 0;
            i += a.Token <= b.Token ? 1 : 0;
            j += b.Token <= a.Token ? 1 : 0;
        }
        return sum;
    }
}
