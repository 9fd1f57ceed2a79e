using System.Runtime.InteropServices;
using System.Text.Json;

namespace Unlearn.MLNet.Reports.Rows;

/// <summary>The rows of a study as data in its report: numbers as Base64 of little-endian bytes, texts as JSON.</summary>
internal static class RowData
{
    /// <summary>Most rows of a report: more would make a page that browsers open slowly.</summary>
    public const int MostRows = 5000;

    private const int Steps = 127;

    /// <summary>The rows that a report shows: all, or those of the highest mean predicted probability of being hard.</summary>
    public static int[] Shown(StudyResult study) => study.RowIds.Count <= MostRows
        ? [.. Enumerable.Range(0, study.RowIds.Count)]
        :
        [
            .. Enumerable.Range(0, study.RowIds.Count)
                .OrderByDescending(row => study.Unlearners.Average(unlearner => unlearner.Evaluation.Predictions[row])).ThenBy(row => row)
                .Take(MostRows).Order(),
        ];

    /// <summary>The data as JSON, in which nothing can end a script element.</summary>
    public static string Json(StudyResult study, int[] rows)
    {
        var nearestCount = study.NearestRows.Count == 0 ? 0 : study.NearestRows.Max(nearest => nearest.Count);
        var places = rows.Index().ToDictionary(row => row.Item, row => row.Index);
        return JsonSerializer.Serialize(new
        {
            ids = rows.Select(row => study.RowIds[row]),
            labels = rows.Select(row => study.Labels[row]),
            classes = study.ClassNames,
            factors = study.Factors.Select(factor => factor.Name),
            values = study.Factors.Select(factor => Base64<float>([.. rows.Select(row => factor.Values[row])])),
            nearestCount,
            nearest = Base64<int>([.. rows.SelectMany(Nearest)]),
            unlearners = study.Unlearners.Select(unlearner => OfUnlearner(unlearner, rows)),
        });

        IEnumerable<int> Nearest(int row) => Enumerable.Range(0, nearestCount)
            .Select(i => i < study.NearestRows[row].Count ? places.GetValueOrDefault(study.NearestRows[row][i], -1) : -1);
    }

    private static object OfUnlearner(UnlearnerResult unlearner, int[] rows)
    {
        var contributions = unlearner.Evaluation.Contributions;
        var scale = contributions.Count == 0 ? 0 : rows.SelectMany(row => contributions[row]).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return new
        {
            name = unlearner.Name,
            scores = Base64<float>([.. rows.Select(row => (float)unlearner.Scores[row])]),
            probabilities = Base64<float>([.. rows.Select(row => (float)unlearner.Evaluation.Predictions[row])]),
            hard = Convert.ToBase64String([.. rows.Select(row => unlearner.Labels[row] ? (byte)1 : (byte)0)]),
            scale,
            contributions = scale > 0
                ? Base64<sbyte>([.. rows.SelectMany(row => contributions[row]).Select(value => (sbyte)MathF.Round(Steps * value / scale))])
                : null,
        };
    }

    private static string Base64<T>(T[] values) where T : unmanaged => Convert.ToBase64String(MemoryMarshal.AsBytes<T>(values));
}
