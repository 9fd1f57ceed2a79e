using Unlearn.Examples.AdultIncome;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class AdultFileTests
{
    private const string Header = "age,workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,ethnicity,sex,capital-gain,capital-loss,"
        + "hours-per-week,native-country,label(IsOver50K)\n";

    [Theory]
    [InlineData(Header, "39,State-gov,77516,Bachelors,13,Never-married,Adm-clerical,Not-in-family,White,Male,2174,0,40,?,1\n")]
    [InlineData("", "39, State-gov, 77516, Bachelors, 13, Never-married, Adm-clerical, Not-in-family, White, Male, 2174, 0, 40, ?, >50K\n\n")]
    public void Both_forms_are_read(string header, string line)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("adult.csv"), header + line + line);
        var people = AdultFile.Read(folder.File("adult.csv"), 2);
        Assert.Equal(["0", "1"], people.Select(person => person.RowId));
        Assert.All(people, person =>
        {
            Assert.Equal(
                (39, 77516, 13, 2174, 0, 40), (person.Age, person.Weight, person.EducationYears, person.CapitalGain, person.CapitalLoss, person.HoursPerWeek));
            Assert.Equal(("State-gov", "Bachelors", "Male", "?"), (person.WorkClass, person.Education, person.Sex, person.NativeCountry));
            Assert.True(person.Label);
        });
    }

    [Theory]
    [InlineData("39,a,b\n", "Line 2 of")]
    [InlineData("x,State-gov,77516,Bachelors,13,Never-married,Adm-clerical,Not-in-family,White,Male,2174,0,40,?,1\n", "'x' in field 1")]
    [InlineData("39,State-gov,77516,Bachelors,13,Never-married,Adm-clerical,Not-in-family,White,Male,2174,0,40,?,maybe\n", "label 'maybe'")]
    public void A_bad_line_is_named(string line, string expected)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("adult.csv"), Header + line);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => AdultFile.Read(folder.File("adult.csv"), 1)).Message, StringComparison.Ordinal);
    }
}
