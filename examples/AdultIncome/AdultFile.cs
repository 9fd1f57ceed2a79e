using System.Globalization;
using System.IO.Compression;

namespace Unlearn.Examples.AdultIncome;

/// <summary>The Adult data set's file: lines of 14 features and the income, separated by commas; with or without a header line.</summary>
internal static class AdultFile
{
    public const string Formats = "adult.data of https://archive.ics.uci.edu/dataset/2/adult, 14 features and the label (>50K and <=50K, "
        + "or 1 and 0) separated by commas, with or without a header line, gzipped or not";

    private const int Columns = 15;

    /// <summary>Reads the first people.</summary>
    /// <param name="path">The file.</param>
    /// <param name="count">Their number.</param>
    public static List<Person> Read(string path, int count)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"The Adult data set is not at '{Path.GetFullPath(path)}': give --data {Formats}.");
        Stream stream = File.OpenRead(path);
        using var reader = new StreamReader(Path.GetExtension(path) == ".gz" ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        List<Person> people = [];
        for (var line = 1; people.Count < count && reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0 || line == 1 && text.StartsWith("age,", StringComparison.Ordinal))
                continue;
            var fields = text.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != Columns)
                throw new InvalidDataException($"Line {line} of '{path}' has {fields.Length} fields, not {Columns}: give --data {Formats}.");
            people.Add(new()
            {
                RowId = people.Count.ToString(CultureInfo.InvariantCulture),
                Age = Number(0),
                WorkClass = fields[1],
                Weight = Number(2),
                Education = fields[3],
                EducationYears = Number(4),
                MaritalStatus = fields[5],
                Occupation = fields[6],
                Relationship = fields[7],
                Ethnicity = fields[8],
                Sex = fields[9],
                CapitalGain = Number(10),
                CapitalLoss = Number(11),
                HoursPerWeek = Number(12),
                NativeCountry = fields[13],
                Label = fields[14] switch
                {
                    "1" or ">50K" or ">50K." => true,
                    "0" or "<=50K" or "<=50K." => false,
                    var other => throw new InvalidDataException($"Line {line} of '{path}' has the label '{other}': it must be >50K or <=50K, or 1 or 0."),
                },
            });

            float Number(int field) => float.TryParse(fields[field], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new InvalidDataException($"Line {line} of '{path}' has '{fields[field]}' in field {field + 1}, where a number should be.");
        }
        return people.Count == count
            ? people
            : throw new ArgumentException($"{count} training and test rows were asked for, but '{path}' holds {people.Count}: ask for fewer --rows.");
    }
}
