using Unlearn.Examples;
using Unlearn.Examples.AdultIncome;

return await StudyProgram.RunAsync(new AdultStudy(), args);
